/** Processor seconds are more reliable than elapsed ones on a shared machine. They are those of this process. */
export interface Took {
  seconds: number;
  processorSeconds: number;
}

export async function timed<T>(act: () => Promise<T>): Promise<Took & { result: T }> {
  const startMs = performance.now();
  const before = process.cpuUsage();
  const result = await act();
  const { user, system } = process.cpuUsage(before);
  return {
    result,
    seconds: (performance.now() - startMs) / 1000,
    processorSeconds: (user + system) / 1e6,
  };
}

export function formatTook({ seconds, processorSeconds }: Took): string {
  return `${seconds.toFixed(2)} s (${processorSeconds.toFixed(2)} s of processor)`;
}
