/**
 * Node runs this before a program whose clock is to be wrong: by PENSTOCK_TEST_CLOCK_SHIFT milliseconds, in all of its
 * threads. JavaScript, for those of Temporal's worker know no other.
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
