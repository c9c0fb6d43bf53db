/** Ends of workflows, updates that take time, continue-as-new, and child workflows of probes. */
import type { ChildCall } from '../bundle/probes.js';
import type { Scenario, Side } from '../side.js';

function child(side: Side, short: string, type: string, args: unknown[] = []): ChildCall {
  return {
    ...{ type, args },
    options: { workflowId: side.id(short), parentClosePolicy: 'ABANDON', memo: { of: 'probe' } },
  };
}

export const endScenarios: Scenario[] = [
  ...(['nothing', 'failure', 'caused'] as const).map((kind): Scenario => ({
    name: `workflow that ends with: ${kind}`,
    async play(side) {
      const workflow = await side.start('endAs', 'probe', [kind], { key: 'value', number: 1 });
      await workflow.result();
    },
  })),
  {
    name: 'workflow that ends with its cancellation',
    async play(side) {
      const workflow = await side.start('endAs', 'probe', ['cancelled']);
      await side.rest();
      await workflow.cancel();
      await workflow.result();
    },
  },
  {
    name: 'updates that wait, fail, and return nothing',
    async play(side) {
      const workflow = await side.start('answerLate', 'probe', [true]);
      await side.rest();
      await workflow.update('nothing', []);
      await workflow.update('activity', []);
      await workflow.update('fail', []);
      const slow = workflow.accepted('slow', ['answer'], 'one');
      await slow.accepted;
      const again = workflow.accepted('slow', ['ignored'], 'one');
      await again.accepted;
      await workflow.signal('go');
      await slow.answer;
      await again.answer;
      await workflow.signal('end');
      await workflow.result();
    },
  },
  {
    name: 'workflow that ends during an update',
    async play(side) {
      const workflow = await side.start('answerLate', 'probe', [false]);
      await side.rest();
      const slow = workflow.accepted('slow', ['never'], 'one');
      await slow.accepted;
      await workflow.signal('end');
      await slow.answer;
      await workflow.result();
    },
  },
  {
    name: 'termination during an update',
    async play(side) {
      const workflow = await side.start('answerLate', 'probe', [false]);
      await side.rest();
      const slow = workflow.accepted('slow', ['never'], 'one');
      await slow.accepted;
      await workflow.terminate('during an update');
      await slow.answer;
    },
  },
  {
    name: 'children that complete, fail, are cancelled and are terminated',
    async play(side) {
      const parent = await side.start('runChildren', 'probe', [
        [
          child(side, 'done', 'endAs', ['nothing']),
          child(side, 'failed', 'endAs', ['failure']),
          child(side, 'cancelled', 'endAs', ['cancelled']),
          child(side, 'terminated', 'endAs', ['cancelled']),
        ],
      ]);
      for (const short of ['cancelled', 'terminated']) {
        await side.started(short);
        await side.rest();
        if (short === 'cancelled') await side.workflow(short).cancel();
        else await side.workflow(short).terminate('by a client');
      }
      await parent.result();
    },
  },
  {
    name: 'child whose id is in use',
    async play(side) {
      await side.start('endAs', 'other', ['cancelled']);
      await side.rest();
      const parent = await side.start('runChildren', 'probe', [[child(side, 'other', 'endAs', ['nothing'])]]);
      await parent.result();
      await side.workflow('other').terminate('the end of the scenario');
    },
  },
  {
    name: 'child that continues as new',
    async play(side) {
      const parent = await side.start('runChildren', 'probe', [[child(side, 'counting', 'countDown', [2])]]);
      const counting = side.workflow('counting');
      await side.started('counting');
      for (const run of [1, 2, 3]) {
        await side.event('counting', 'TIMER_FIRED', 1, run);
        await side.rest();
        await counting.update('count', [], `${run}`);
        await counting.signal('next');
      }
      await parent.result();
    },
  },
  {
    name: 'signals to workflows that run, have ended, and do not exist',
    async play(side) {
      const target = await side.start('answerLate', 'target', [false]);
      const ended = await side.start('endAs', 'ended', ['nothing']);
      await ended.result();
      await side.rest();
      const ids = ['target', 'ended', 'absent'].map((short) => side.id(short));
      const sender = await side.start('signalOthers', 'probe', [ids, 'end', 1]);
      await sender.result();
      await target.result();
    },
  },
  {
    name: 'continue-as-new, with a memo, and an update in each run',
    async play(side) {
      const workflow = await side.start('countDown', 'probe', [2], { startedBy: 'ana' });
      for (const run of [1, 2, 3]) {
        await side.event('probe', 'TIMER_FIRED', 1, run);
        await side.rest();
        await workflow.update('count', [], `${run}`);
        await workflow.signal('next');
      }
      await workflow.result();
    },
  },
  {
    name: 'cancellation of a run that continued as new',
    async play(side) {
      const workflow = await side.start('countDown', 'probe', [2]);
      await side.event('probe', 'TIMER_FIRED', 1);
      await side.rest();
      await workflow.signal('next');
      await side.event('probe', 'TIMER_FIRED', 1, 2);
      await side.rest();
      await workflow.cancel();
      await workflow.result();
    },
  },
];
