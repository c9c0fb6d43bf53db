/** How the line that a worker logs when it is ready begins: the demo waits for it. */
export const workerReady = 'worker ready';
