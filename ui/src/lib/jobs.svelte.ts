// Work that outlives a screen: runs, exports, imports. Shown in the foot of the rail until it ends.
export interface Job {
  id: string;
  label: string;
  done: number;
  /** null when it is not known how much there is. */
  total: number | null;
  /** Where to look at it. */
  href?: string;
  cancel?: () => void;
}

class Jobs {
  list = $state<Job[]>([]);

  /** Adds the job or updates the one with the same id. */
  put(job: Job): void {
    const at = this.list.findIndex((j) => j.id === job.id);
    if (at < 0) this.list.push(job);
    else this.list[at] = job;
  }

  remove(id: string): void {
    this.list = this.list.filter((j) => j.id !== id);
  }
}

export const jobs = new Jobs();
