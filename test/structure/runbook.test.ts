/** docs/runbook.md has every message of a rollout, and tests provoke every message that it has. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { outcomes } from '../../src/plan/outcome.js';
import { commandsUnder, entries, indexLinks } from '../support/runbook.js';
import { membersOf, readSource, textsIn, type Text } from '../support/sentences.js';

const testFolder = fileURLToPath(new URL('../', import.meta.url));

/** Files with messages that operators read when a rollout waits, rejects a command or ends. */
const sources = [
  'src/activities/endpoint/arms.ts',
  'src/activities/models/choose-version.ts',
  'src/activities/preflight/carried-over.ts',
  'src/activities/alarms/check-alarms.ts',
  'src/activities/preflight/check-encryption.ts',
  'src/activities/preflight/check-endpoint.ts',
  'src/activities/preflight/check-environment.ts',
  'src/activities/preflight/metrics/check-goal-counts.ts',
  'src/activities/preflight/metrics/check-metric-windows.ts',
  'src/activities/preflight/check-metrics.ts',
  'src/activities/preflight/check-models.ts',
  'src/activities/preflight/check-permissions.ts',
  'src/activities/preflight/check-quotas.ts',
  'src/activities/drift/find-drift.ts',
  'src/activities/endpoint/plan-deploy.ts',
  'src/activities/aws/ownership.ts',
  'src/activities/drift/ownership-drift.ts',
  'src/activities/preflight/iac-warnings.ts',
  'src/activities/preflight/preflight.ts',
  'src/activities/preflight/scaling-warnings.ts',
  'src/analysis/verdicts/comparison-verdict.ts',
  'src/analysis/verdicts/conclude-poll.ts',
  'src/analysis/verdicts/judge-alarm.ts',
  'src/analysis/verdicts/bound-failures.ts',
  'src/analysis/verdicts/bound-test.ts',
  'src/analysis/verdicts/judge-bound.ts',
  'src/analysis/verdicts/judge-candidate-alarm.ts',
  'src/client/errors.ts',
  'src/client/temporal/search-attributes.ts',
  'src/workflows/steps/cleanup.ts',
  'src/workflows/commands/sanitize.ts',
  'src/workflows/commands/rules.ts',
  'src/workflows/monitoring/drift.ts',
  'src/workflows/state/status.ts',
  'src/workflows/notifications/notifications.ts',
  'src/workflows/steps/rollback.ts',
  'src/workflows/steps/write-back.ts',
  'src/workflows/temporal/stop.ts',
  'src/workflows/monitoring/policy.ts',
];

/** Messages that need no entry, and the reason. */
const withoutEntry: [reason: string, messages: RegExp][] = [
  [
    'it says that all is well',
    /^OK for the candidate$|^the endpoint is in the state that the rollout set$|^no guardrails$|^no guardrail has a verdict yet$/,
  ],
  [
    'it is a part of a longer message',
    /^X of X datapoints|^the newest X$|^; rolled back before, and skipped: X$|^record of the outcome on|^was not created by|^has subnets X|^the CloudFormation stack X$|^no reason given$|^, so it has|^evidence X|^X different people$|^, not the starter$|^ \(verified approvals|^X for (X|endpoint) usage$|^spot training job$|^X of the (baseline|candidate|second fleet)$|^X to train the X$|^change serve\.instance|^the account is unknown$|^it was not read$|^X on X$|^X; the spec says to promote$|^X=X$|^X:X:X$|^ \(phase X\)$|^an unknown client$/,
  ],
  [
    'it is the rest of a message that has an entry',
    /^cannot be read \(X\), X$|^endpoint no longer exists$|^X\. Follow it|^ ?or abort it|^Check them with|^Cannot X X: |^The rollout then|^Temporal keeps|^Nothing was started\. Check the rule|^Give the function|^and start the next|^history, or has|^version \(docs|^check them with|^remove it or use|^X: expected "X" to be|^\{"actor"/,
  ],
  [
    'it is a command to be copied',
    /^ +(tcld|temporal|--)|^penstock worker --task-queue X$|^\nOn a self-hosted cluster/,
  ],
  [
    'it is the state of a pending activity',
    /is still changing$|waiting for its end$|does not exist yet$|^waiting for |already exists but cannot be read yet$/,
  ],
  ['it precedes a message that has an entry', /^rolling back: X$|^the baseline is verified; deleting/],
  [
    'only a bug in the code leads to it',
    /^rollback without a reason|cannot be judged|unknown state|^nothing is deployed yet$/,
  ],
  [
    'the emulator has no such endpoint',
    /inference components|no single instance type|no production variant|^endpoint X has (no X X|the unknown variant X)$|^no variant has any weight$/,
  ],
  ['it ends when the missed windows of a long outage are judged', /^some windows are not evaluated yet$/],
  [
    'it names an activity in the Web UI',
    /^roll back|^restore (the weights|config)|^observe the endpoint$|^delete |^notify: |^drain requests in flight$|^stop training job|^scale out the baseline$/,
  ],
];

const distinct = [...new Set(entries.map(({ message }) => message))];

function testFiles(): string[] {
  return readdirSync(testFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('structure/'))
    .map((name) => `test/${name}`)
    .filter((name) => readSource(name).includes("support/runbook.js'"));
}

function isMessage({ parts }: Text): boolean {
  return parts.join(' X ').trim().split(/\s+/).length >= 3;
}

/** The text, with any values filled in, is an entry or a part of one. */
function isInRunbook({ parts }: Text): boolean {
  const filled = parts.join('X');
  if (entries.some((entry) => entry.matches(filled))) return true;
  const escaped = parts.map((part) => part.trim().replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return distinct.some((message) => new RegExp(escaped.join('.*')).test(message));
}

/** Without the placeholders and quotes that a message begins with. */
function firstWordsOf(message: string): string {
  return message.replace(/^[^\w"]+/, '');
}

describe('runbook', () => {
  it('runbook: every entry -> a test provokes it, and names it by its text', () => {
    const said = new Set(textsIn(testFiles()).map(({ parts }) => parts.join('')));
    assert.ok(distinct.length > 100, `${distinct.length} entries`);
    assert.deepEqual(
      distinct.filter((message) => !said.has(message)),
      [],
    );
  });

  it('runbook: every outcome and every failure type -> has an entry', () => {
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

  it('runbook: every message that rejects, holds or ends a rollout -> has an entry', () => {
    const texts = textsIn(sources).filter(isMessage);
    assert.ok(texts.length > 60, `${texts.length} messages`);
    const missing = texts
      .filter((text) => !isInRunbook(text))
      .filter(({ parts }) => !withoutEntry.some(([, messages]) => messages.test(parts.join('X'))))
      .map(({ file, parts }) => `${file}: ${parts.join('X')}`);
    assert.deepEqual(missing, []);
  });

  it('runbook: every entry -> the index has its first words and a link to it', () => {
    const missing = entries.filter(
      ({ message, anchor }) =>
        !indexLinks.some(
          (link) =>
            link.anchor === anchor &&
            firstWordsOf(message).startsWith(link.label.replace(/ \([a-z ]+\)$/, '')),
        ),
    );
    assert.deepEqual(
      missing.map(({ message }) => message),
      [],
    );
  });

  it('runbook: every link of the index -> leads to an entry', () => {
    const anchors = new Set(entries.map(({ anchor }) => anchor));
    assert.ok(indexLinks.length > 100, `${indexLinks.length} links`);
    assert.deepEqual(
      indexLinks.filter(({ anchor }) => !anchors.has(anchor)),
      [],
    );
  });

  it('runbook: manual rollback -> has the commands that the tests run', () => {
    const commands = commandsUnder('Manual rollback').filter((command) => command.startsWith('aws '));
    assert.deepEqual(
      commands.map((command) => command.split(' ')[2]),
      ['update-endpoint-weights-and-capacities', 'update-endpoint', 'describe-endpoint'],
    );
  });
});
