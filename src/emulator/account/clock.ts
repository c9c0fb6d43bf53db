/** The only source of time of the emulator, in epoch milliseconds. All delays are scheduled with it. */
export interface Clock {
  now(): number | Promise<number>;
}

export const systemClock: Clock = { now: () => Date.now() };
