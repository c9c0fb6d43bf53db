/**
 * Node preloads this file in all threads of a program. It shifts the program's clock by PENSTOCK_TEST_CLOCK_SHIFT
 * milliseconds. It is JavaScript, because the threads of Temporal's worker cannot load TypeScript.
 */
const RealDate = Date;
const shiftMs = Number(process.env['PENSTOCK_TEST_CLOCK_SHIFT']);
const now = () => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  get: (date, key, receiver) => (key === 'now' ? now : Reflect.get(date, key, receiver)),
  construct: (date, given, newTarget) =>
    Reflect.construct(date, given.length === 0 ? [now()] : given, newTarget),
  apply: () => new RealDate(now()).toString(),
});
