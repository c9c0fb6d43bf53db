/** The emulator's only source of time: epoch milliseconds. Everything that takes time is scheduled against it. */
export interface Clock {
  now(): number | Promise<number>;
}

export const systemClock: Clock = { now: () => Date.now() };
