// The window's side of the door: one command carries every use case, one Channel carries a run's events.
import { Channel, invoke } from '@tauri-apps/api/core';
import { toBackendError, type Backend, type CommandName, type CommandRequest, type CommandResponse } from './contract';
import type { RunEvent } from './types/RunEvent';

async function ask<T>(name: string, args: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (thrown) {
    throw toBackendError(thrown);
  }
}

const silent = (): void => undefined;

export const tauriBackend: Backend = {
  call: <C extends CommandName>(command: C, request: CommandRequest<C>) =>
    ask<CommandResponse<C>>('call', { command, request }),

  async watchRun(runId, onEvent) {
    const channel = new Channel<RunEvent>();
    channel.onmessage = onEvent;
    await ask<void>('watch_run', { runId, channel });
    // Channels are kept alive by their closure: let go of ours and tell Rust to stop sending.
    return () => {
      channel.onmessage = silent;
      void ask<void>('unwatch_run', { runId, channelId: channel.id }).catch(silent);
    };
  },

  chooseFolder: () => ask<string | null>('choose_folder', {}),
  chooseFile: () => ask<string | null>('choose_file', {}),
  openPath: (path) => ask<void>('open_path', { path })
};
