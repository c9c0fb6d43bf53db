/** Beginning of the line that a worker logs when it is ready. The demo waits for it. */
export const workerReady = 'worker ready';
