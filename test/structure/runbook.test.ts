/** The runbook has what a rollout says, and what it has is really said: neither can be changed alone. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { outcomes } from '../../src/plan/outcome.js';
import { commandsUnder, entries } from '../support/runbook.js';
import { membersOf, readSource, textsIn, type Text } from '../support/sentences.js';

const testFolder = fileURLToPath(new URL('../', import.meta.url));

/** Files whose sentences people read when a rollout waits, refuses or ends. */
const sources = [
  'src/activities/endpoint/arms.ts',
  'src/activities/preflight/check-endpoint.ts',
  'src/activities/preflight/check-environment.ts',
  'src/activities/preflight/check-metrics.ts',
  'src/activities/drift/find-drift.ts',
  'src/activities/endpoint/plan-deploy.ts',
  'src/activities/aws/ownership.ts',
  'src/activities/drift/ownership-drift.ts',
  'src/activities/preflight/preflight.ts',
  'src/analysis/verdicts/comparison-verdict.ts',
  'src/analysis/verdicts/conclude-poll.ts',
  'src/analysis/verdicts/judge-alarm.ts',
  'src/analysis/verdicts/judge-bound.ts',
  'src/client/errors.ts',
  'src/client/temporal/search-attributes.ts',
  'src/workflows/steps/cleanup.ts',
  'src/workflows/commands/sanitize.ts',
  'src/workflows/commands/rules.ts',
  'src/workflows/monitoring/drift.ts',
  'src/workflows/state/gate-sentence.ts',
  'src/workflows/notifications/notifications.ts',
  'src/workflows/steps/rollback.ts',
  'src/workflows/temporal/stop.ts',
  'src/workflows/monitoring/policy.ts',
];

/** Why a sentence of theirs has no entry. */
const without: [because: string, sentences: RegExp][] = [
  ['it says that all is well', /^the endpoint is again as the rollout left it$|^no guardrails$/],
  [
    'it is a part of a longer sentence',
    /^without a reason given$|^, and what|^evidence X|^X different people$|^, not of|^rollout X's$|^no reason given$|^X=X$|^ \(phase X\)$|^an unknown client$/,
  ],
  [
    'it is the rest of a sentence that has one',
    /^cannot be read \(X\), X$|^endpoint no longer exists$|^X\. Follow it|^ ?or end it|^begun go on|^X refuses to X|^run `penstock|^running rollouts are kept|^check the endpoint|^so far, or have a fault|^version that fits|^remove it or use|^X: "X" must be|^\{"actor"/,
  ],
  ['it is a command to be copied', /^ +(tcld|temporal|--)|^\nOn your own cluster/],
  [
    'it is what is under way, for the pending activity',
    /is not settled$|is not there$|^waiting for |is taken but cannot be read yet$/,
  ],
  ['it comes before what has one', /^rolling back: X$|^the baseline is verified; deleting/],
  [
    'a fault of our own code ends there',
    /^taken back without|cannot be judged|unknown state|^nothing is deployed yet$/,
  ],
  [
    'the emulator has nothing that is so',
    /inference components|no single instance type|no production variant|^endpoint X has (no X X|the unknown variant X)$|^no variant has any weight$/,
  ],
  ['it lasts for as long as a long outage is caught up', /^windows are still to be judged$/],
  ['it is of waves', /[Ww]aves/],
  [
    'it names an activity in the Web UI',
    /^roll back|^put the weights back$|^see what is deployed$|^delete |^tell of|^back to config|^requests in flight$|^stop training job|^instances for the baseline to come back to$/,
  ],
];

const distinct = [...new Set(entries.map(({ message }) => message))];

function testFiles(): string[] {
  return readdirSync(testFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('structure/'))
    .map((name) => `test/${name}`)
    .filter((name) => readSource(name).includes("support/runbook.js'"));
}

function isSentence({ parts }: Text): boolean {
  return parts.join(' X ').trim().split(/\s+/).length >= 3;
}

/** What a text says, with anything filled in, is or is part of what the runbook has. */
function isInRunbook({ parts }: Text): boolean {
  const filled = parts.join('X');
  if (entries.some((entry) => entry.matches(filled))) return true;
  const escaped = parts.map((part) => part.trim().replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return distinct.some((message) => new RegExp(escaped.join('.*')).test(message));
}

describe('the runbook', () => {
  it('has no entry that is not really said in a test, which reads it from there', () => {
    const said = new Set(textsIn(testFiles()).map(({ parts }) => parts.join('')));
    assert.ok(distinct.length > 100, `${distinct.length} entries`);
    assert.deepEqual(
      distinct.filter((message) => !said.has(message)),
      [],
    );
  });

  it('has an entry for every outcome and every type of failure', () => {
    const inside = ['InProgress'];
    const types = membersOf('src/activities/interface/failure-type.ts', 'FailureType').filter(
      (type) => !inside.includes(type),
    );
    assert.ok(types.length > 10);
    assert.deepEqual(
      [...outcomes, ...types].filter((word) => !distinct.includes(word)),
      [],
    );
  });

  it('has an entry for every sentence of what refuses, holds, or ends a rollout', () => {
    const texts = textsIn(sources).filter(isSentence);
    assert.ok(texts.length > 60, `${texts.length} sentences`);
    const missing = texts
      .filter((text) => !isInRunbook(text))
      .filter(({ parts }) => !without.some(([, sentences]) => sentences.test(parts.join('X'))))
      .map(({ file, parts }) => `${file}: ${parts.join('X')}`);
    assert.deepEqual(missing, []);
  });

  it('gives the commands of the way back by hand as they are tried', () => {
    const commands = commandsUnder('rollbackFailed').filter((command) => command.startsWith('aws '));
    assert.deepEqual(
      commands.map((command) => command.split(' ')[2]),
      ['update-endpoint-weights-and-capacities', 'update-endpoint', 'describe-endpoint'],
    );
  });
});
