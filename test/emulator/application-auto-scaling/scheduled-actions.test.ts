import assert from 'node:assert/strict';
import type { PutScheduledActionRequest } from '@aws-sdk/client-application-auto-scaling';
import { type Account, settledSeconds } from '../aws-account.js';
import { nextRun, parseSchedule } from '../../../src/emulator/application-auto-scaling/schedules/schedule.js';
import { activitiesOf, instancesOf, ofTarget, openShop, resource } from './scaled-shop.js';

describe('emulated scheduled actions', () => {
  let account: Account;
  /** The clock begins on 2026-03-01 at 12:00 UTC. */
  beforeEach(async () => {
    account = await openShop();
    await account.autoScaling.registerScalableTarget({ ...resource, MinCapacity: 1, MaxCapacity: 8 });
  });
  afterEach(() => account.emulator.stop());

  const put = (request: Partial<PutScheduledActionRequest>, ScheduledActionName = 'action') =>
    account.autoScaling.putScheduledAction({ ...resource, ScheduledActionName, ...request });
  const describeActions = async () =>
    (await account.autoScaling.describeScheduledActions(ofTarget)).ScheduledActions;
  const limits = async () => {
    const { ScalableTargets } = await account.autoScaling.describeScalableTargets(ofTarget);
    const [target] = ScalableTargets ?? [];
    return [target?.MinCapacity, target?.MaxCapacity];
  };

  it('scheduled action: at its time -> sets the limits and moves the instances, once', async () => {
    await put({ Schedule: 'at(2026-03-01T12:30:00)', ScalableTargetAction: { MinCapacity: 3 } });
    account.clock.advance(29 * 60);
    assert.deepEqual(await limits(), [1, 8]);
    account.clock.advance(60);
    assert.deepEqual(await limits(), [3, 8]);
    account.clock.advance(settledSeconds);
    assert.equal(await instancesOf(account), 3);
    const [capacity, change] = await activitiesOf(account);
    assert.equal(capacity?.Cause, 'minimum capacity was set to 3');
    assert.deepEqual(
      [change?.Description, change?.Cause, change?.StatusMessage, change?.StatusCode, change?.EndTime],
      [
        'Setting min capacity to 3 and max capacity to 8',
        'scheduled action name action was triggered',
        'Successfully set min capacity to 3 and max capacity to 8',
        'Successful',
        undefined,
      ],
    );
    await account.autoScaling.registerScalableTarget({ ...resource, MinCapacity: 1 });
    account.clock.advance(30 * 86_400);
    assert.deepEqual(await limits(), [1, 8]);
  });

  it('scheduled action: rate, with an end -> runs until the end', async () => {
    const EndTime = new Date('2026-03-01T13:00:00Z');
    await put({
      Schedule: 'rate(20 minutes)',
      EndTime,
      ScalableTargetAction: { MinCapacity: 2, MaxCapacity: 2 },
    });
    account.clock.advance(2 * 3600);
    const runs = (await activitiesOf(account)).filter(({ Cause }) => Cause?.startsWith('scheduled'));
    assert.deepEqual(
      runs.map(({ StartTime }) => StartTime?.toISOString().slice(11, 16)),
      ['12:40', '12:20'],
    );
  });

  it('scheduled action: suspended -> does not run; resumed -> runs the next time', async () => {
    await put({ Schedule: 'rate(10 minutes)', ScalableTargetAction: { MinCapacity: 3 } });
    const suspend = (ScheduledScalingSuspended: boolean) =>
      account.autoScaling.registerScalableTarget({
        ...resource,
        SuspendedState: { ScheduledScalingSuspended },
      });
    await suspend(true);
    account.clock.advance(1800);
    assert.deepEqual(await limits(), [1, 8]);
    await suspend(false);
    account.clock.advance(600);
    assert.deepEqual(await limits(), [3, 8]);
  });

  it('scheduled action: one limit beyond the other one -> the activity fails, the limits stay', async () => {
    await put({ Schedule: 'rate(10 minutes)', ScalableTargetAction: { MinCapacity: 9 } });
    account.clock.advance(660);
    assert.deepEqual(await limits(), [1, 8]);
    assert.equal((await activitiesOf(account))[0]?.StatusCode, 'Failed');
  });

  it('PutScheduledAction: again -> keeps what is not named, except start and end', async () => {
    const StartTime = new Date('2026-03-02T00:00:00Z');
    const Schedule = 'cron(0 8 ? * MON-FRI *)';
    await put({ Schedule, Timezone: 'Europe/Berlin', StartTime, ScalableTargetAction: { MinCapacity: 2 } });
    const [first] = (await describeActions()) ?? [];
    assert.deepEqual(
      [first?.Schedule, first?.Timezone, first?.StartTime],
      [Schedule, 'Europe/Berlin', StartTime],
    );
    assert.match(
      first?.ScheduledActionARN ?? '',
      /:scheduledAction:[0-9a-f-]{36}:resource\/sagemaker\/endpoint\/shop\/variant\/a:scheduledActionName\/action$/,
    );
    account.clock.advance(60);
    await put({ ScalableTargetAction: { MinCapacity: 4 } });
    const [second] = (await describeActions()) ?? [];
    assert.deepEqual(
      [second?.Schedule, second?.Timezone, second?.StartTime],
      [Schedule, 'Europe/Berlin', undefined],
    );
    assert.deepEqual(second?.ScalableTargetAction, { MinCapacity: 4 });
    assert.deepEqual(
      [second.ScheduledActionARN, second.CreationTime],
      [first?.ScheduledActionARN, first?.CreationTime],
    );
    // 8:00 in Berlin is 7:00 UTC.
    account.clock.advance(19 * 3600 - 120);
    assert.deepEqual(await limits(), [1, 8]);
    account.clock.advance(180);
    assert.deepEqual(await limits(), [4, 8]);
  });

  it('PutScheduledAction: invalid -> refused; DeleteScheduledAction: does not run any more', async () => {
    const { autoScaling } = account;
    const action = { ScalableTargetAction: { MinCapacity: 2 } };
    const cases: [request: Partial<PutScheduledActionRequest>, message: RegExp][] = [
      [action, /Schedule must be specified/],
      [
        { Schedule: 'rate(1 hour)' },
        /^At least one of minimum capacity and maximum capacity should be provided$/,
      ],
      [
        { Schedule: 'rate(1 hour)', ScalableTargetAction: { MinCapacity: 3, MaxCapacity: 2 } },
        /Maximum capacity/,
      ],
      [{ ...action, Schedule: 'every hour' }, /every hour is not valid/],
      [{ ...action, Schedule: 'rate(0 hours)' }, /is not valid/],
      [{ ...action, Schedule: 'at(2026-13-01T00:00:00)' }, /is not valid/],
      [{ ...action, Schedule: 'cron(0 8 * * *)' }, /expected six fields/],
      [{ ...action, Schedule: 'cron(0 8 15W * ? *)' }, /W is not emulated/],
      [{ ...action, Schedule: 'cron(0 8 * * ? soon)' }, /soon is not a year/],
      [{ ...action, Schedule: 'at(2026-03-02T00:00:00)', Timezone: 'Mars/Base' }, /time zone Mars\/Base/],
      [
        {
          ...action,
          Schedule: 'rate(1 hour)',
          StartTime: new Date('2026-03-03'),
          EndTime: new Date('2026-03-02'),
        },
        /end time must be after/,
      ],
    ];
    for (const [request, message] of cases)
      await assert.rejects(put(request), { name: 'ValidationException', message });
    await put({ ...action, Schedule: 'rate(10 minutes)' });
    await autoScaling.deleteScheduledAction({ ...resource, ScheduledActionName: 'action' });
    account.clock.advance(3600);
    assert.deepEqual(await limits(), [1, 8]);
    await assert.rejects(autoScaling.deleteScheduledAction({ ...resource, ScheduledActionName: 'action' }), {
      name: 'ObjectNotFoundException',
      message: /scheduled action name: action$/,
    });
    const unregistered = { ...resource, ResourceId: 'endpoint/shop/variant/b' };
    await assert.rejects(put({ ...action, ...unregistered, Schedule: 'rate(1 hour)' }), {
      name: 'ObjectNotFoundException',
    });
  });

  const schedules: [schedule: string, zone: string | undefined, runs: string[]][] = [
    ['at(2026-03-02T09:30:00)', 'America/New_York', ['2026-03-02T14:30:00.000Z']],
    ['at(2026-03-02T9:30:00)', undefined, ['2026-03-02T09:30:00.000Z']],
    ['at(2026-02-01T00:00:00)', undefined, []],
    ['rate(1 day)', undefined, ['2026-03-02T12:00:00.000Z', '2026-03-03T12:00:00.000Z']],
    ['cron(15 10 ? * 2 *)', undefined, ['2026-03-02T10:15:00.000Z', '2026-03-09T10:15:00.000Z']],
    ['cron(0 8 ? * MON-FRI *)', 'Europe/Berlin', ['2026-03-02T07:00:00.000Z', '2026-03-03T07:00:00.000Z']],
    ['cron(0 12 L * ? *)', undefined, ['2026-03-31T12:00:00.000Z', '2026-04-30T12:00:00.000Z']],
    ['cron(0 0 ? * 1#2 *)', undefined, ['2026-03-08T00:00:00.000Z', '2026-04-12T00:00:00.000Z']],
    ['cron(0/30 6 * * ? *)', undefined, ['2026-03-02T06:00:00.000Z', '2026-03-02T06:30:00.000Z']],
    ['cron(0 0 1 1 ? 2028)', undefined, ['2028-01-01T00:00:00.000Z']],
    ['cron(0 0 1 6 ? 2027-2029/2)', undefined, ['2027-06-01T00:00:00.000Z', '2029-06-01T00:00:00.000Z']],
    ['cron(0 0 1 1 ? 2025)', undefined, []],
  ];
  for (const [schedule, zone, runs] of schedules) {
    it(`schedule: ${schedule} ${zone ?? ''} -> ${runs.length} runs`, () => {
      const createdAt = Date.parse('2026-03-01T12:00:00Z');
      const parsed = parseSchedule(schedule, zone);
      const found: string[] = [];
      let after = createdAt;
      for (let run = 0; run < 2; run += 1) {
        const next = nextRun(parsed, { createdAt, startsAt: undefined, endsAt: undefined }, after);
        if (next === null) break;
        found.push(new Date(next).toISOString());
        after = next;
      }
      assert.deepEqual(found, runs);
    });
  }
});
