/** Colours by meaning. Only on a terminal, and not if NO_COLOR is set (https://no-color.org). */
import picocolors from 'picocolors';

export type Paint = (text: string) => string;

export interface Colours {
  good: Paint;
  bad: Paint;
  warning: Paint;
  quiet: Paint;
  strong: Paint;
  stable: Paint;
  candidate: Paint;
}

export function coloursFor(stream: { isTTY?: boolean }, env: Record<string, string | undefined>): Colours {
  const noColour = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  const paint = picocolors.createColors(stream.isTTY === true && !noColour);
  return {
    good: paint.green,
    bad: paint.red,
    warning: paint.yellow,
    quiet: paint.dim,
    strong: paint.bold,
    stable: paint.green,
    candidate: paint.yellow,
  };
}
