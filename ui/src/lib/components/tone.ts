/** What a colour may mean. `plain` is the absence of a judgement. */
export type Tone = 'plain' | 'pass' | 'fail' | 'warn' | 'practice' | 'accent';
