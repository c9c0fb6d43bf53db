import { runGroups } from '../../e2e/run-groups.js';
import { sampleFaults } from '../sample.js';
import { alarms } from './alarms.js';
import { changes } from './changes.js';
import { driftScenarios } from './drift-scenarios.js';
import { rejections } from './rejections.js';

const groups = [changes, driftScenarios, alarms, rejections];
const all = groups.flatMap(({ scenarios }) => scenarios.map((scenario) => scenario.it));

describe('runbook messages on a real Temporal server and emulated AWS', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  const drawn = sampleFaults(all, 12, 'runbook messages');
  runGroups(
    'runbook',
    groups.map(({ about, scenarios }) => ({
      about,
      scenarios: scenarios.filter((each) => drawn.has(each.it)),
    })),
    { stuck: 45, spread: 0 },
  );
});
