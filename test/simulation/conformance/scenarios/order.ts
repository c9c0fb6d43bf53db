/** The order in which a workflow gets what happened while no worker ran, all in one workflow task. */
import type { RecordingOptions } from '../bundle/probes.js';
import type { PlayedWorkflow, Scenario, Side } from '../side.js';
import { baking } from './worlds.js';

function record(side: Side, options: Partial<RecordingOptions>): Promise<PlayedWorkflow> {
  return side.start('recordOrder', 'probe', [{ timersMs: [], activitiesMs: [], ends: 1, ...options }]);
}

export const orderScenarios: Scenario[] = [
  {
    name: 'signals and updates while no worker runs',
    losesWorker: true,
    async play(side) {
      const workflow = await record(side, { ends: 5 });
      await side.rest();
      const answers: Promise<unknown>[] = [];
      await side.withoutWorker(async () => {
        await workflow.signal('mark', 'A');
        const first = workflow.admitted('note', ['B'], 'B');
        await first.admitted;
        await workflow.signal('mark', 'C');
        const second = workflow.admitted('note', ['D'], 'D');
        await second.admitted;
        await workflow.signal('mark', 'E');
        answers.push(first.answer, second.answer);
      });
      await Promise.all(answers);
      await workflow.result();
    },
  },
  {
    name: 'an update, then a signal, while no worker runs',
    losesWorker: true,
    async play(side) {
      const workflow = await record(side, { ends: 2 });
      await side.rest();
      const answers: Promise<unknown>[] = [];
      await side.withoutWorker(async () => {
        const note = workflow.admitted('note', ['A'], 'A');
        await note.admitted;
        await workflow.signal('mark', 'B');
        answers.push(note.answer);
      });
      await Promise.all(answers);
      await workflow.result();
    },
  },
  {
    name: 'a rejected update between two others, while no worker runs',
    losesWorker: true,
    async play(side) {
      const workflow = await record(side, { ends: 2 });
      await side.rest();
      const answers: Promise<unknown>[] = [];
      await side.withoutWorker(async () => {
        for (const what of ['A', 'no B', 'C']) {
          const note = workflow.admitted('note', [what], what);
          await note.admitted;
          answers.push(note.answer);
        }
      });
      await Promise.all(answers);
      await workflow.result();
    },
  },
  {
    name: 'a rejected update and a signal while no worker runs',
    losesWorker: true,
    async play(side) {
      const workflow = await record(side, { ends: 2 });
      await side.rest();
      const answers: Promise<unknown>[] = [];
      await side.withoutWorker(async () => {
        const note = workflow.admitted('note', ['no A'], 'no A');
        await note.admitted;
        await workflow.signal('mark', 'B');
        answers.push(note.answer);
      });
      await Promise.all(answers);
      await workflow.signal('mark', 'C');
      await workflow.result();
    },
  },
  {
    name: 'timers that fire, a signal, an update and a cancellation while no worker runs',
    losesWorker: true,
    async play(side) {
      const workflow = side.workflow('probe');
      const answers: Promise<unknown>[] = [];
      const begin = async () => {
        await record(side, { timersMs: [6_000, 5_000, 4_000], ends: 6 });
        await side.rest();
      };
      await side.withoutWorker(async () => {
        await side.event('probe', 'TIMER_FIRED', 1);
        await workflow.signal('mark', 'A');
        await side.event('probe', 'TIMER_FIRED', 3);
        await workflow.cancel();
        const note = workflow.admitted('note', ['B'], 'B');
        await note.admitted;
        answers.push(note.answer);
      }, begin);
      await Promise.all(answers);
      await workflow.result();
    },
  },
  {
    name: 'timers of the same length',
    losesWorker: true,
    async play(side) {
      const workflow = side.workflow('probe');
      await side.withoutWorker(
        () => side.event('probe', 'TIMER_FIRED', 3),
        async () => {
          await record(side, { timersMs: [5_000, 5_000, 4_000], ends: 4 });
          await side.rest();
        },
      );
      await side.rest();
      await workflow.signal('mark', 'end');
      await workflow.result();
    },
  },
  {
    name: 'schedule-to-start limit of a second attempt, while no worker runs',
    losesWorker: true,
    async play(side) {
      const failing = {
        activity: 'failing',
        // Long enough for a slow machine to see the workflow at rest, and to stop the worker, between two attempts.
        args: [{ times: 99, message: 'later', nextRetryDelay: '15 seconds' }],
        options: { startToCloseTimeout: '1 minute', scheduleToStartTimeout: '1 second' },
      };
      await side.withoutWorker(
        () => side.event('probe', 'ACTIVITY_TASK_TIMED_OUT', 1),
        async () => {
          await side.start('runActivities', 'probe', [[failing]]);
          await side.rest(['failing']);
        },
      );
      await side.workflow('probe').result();
    },
  },
  {
    name: 'a workflow that starts while no worker runs, with signals and an update',
    losesWorker: true,
    async play(side) {
      const answers: Promise<unknown>[] = [];
      let workflow: PlayedWorkflow | null = null;
      await side.withoutWorker(async () => {
        workflow = await record(side, { timersMs: [1_000], ends: 4 });
        await workflow.signal('mark', 'A');
        const note = workflow.admitted('note', ['B'], 'B');
        await note.admitted;
        await workflow.signal('mark', 'C');
        answers.push(note.answer);
      });
      await Promise.all(answers);
      await side.workflow('probe').result();
    },
  },
  {
    name: 'a rejected update after many events',
    async play(side) {
      // The server keeps the task of a rejected update if it brought more than ten events to the worker.
      const workflow = await record(side, { timersMs: Array.from({ length: 12 }, () => 600_000), ends: 1 });
      await side.rest();
      await workflow.update('note', ['no A'], 'one');
      await workflow.update('note', ['no A'], 'two');
      await workflow.signal('mark', 'end');
      await workflow.result();
    },
  },
  {
    name: 'commands to a rollout while no worker runs',
    worlds: { 'rollout:digits': baking },
    losesWorker: true,
    async play(side) {
      const rollout = await side.rollout();
      await side.called('watch bake');
      await side.rest();
      const answers: Promise<unknown>[] = [];
      await side.withoutWorker(async () => {
        await rollout.signal('resume', { actor: 'ben', reason: 'too early' });
        const pause = rollout.admitted('pause', [{ actor: 'ben', reason: 'a check' }], 'only');
        await pause.admitted;
        const resume = rollout.admitted('resume', [{ actor: 'cem', reason: 'checked' }], 'only');
        await resume.admitted;
        await rollout.signal('pause', { actor: 'ben', reason: 'before the updates' });
        answers.push(pause.answer, resume.answer);
      });
      await Promise.all(answers);
      await rollout.command('abort');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'abort and cancellation while no worker runs',
    worlds: { 'rollout:digits': baking },
    losesWorker: true,
    async play(side) {
      const rollout = await side.rollout();
      await side.called('watch bake');
      await side.rest();
      const answers: Promise<unknown>[] = [];
      await side.withoutWorker(async () => {
        await rollout.cancel();
        const abort = rollout.admitted('abort', [{ actor: 'ben', reason: 'wrong model' }], 'only');
        await abort.admitted;
        answers.push(abort.answer);
      });
      await Promise.all(answers);
      await rollout.result();
      await rollout.query('timeline');
    },
  },
];
