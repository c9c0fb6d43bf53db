import { playGroups } from '../../e2e/play-groups.js';
import { sampleFaults } from '../sample.js';
import { alarms } from './alarms.js';
import { changes } from './changes.js';
import { hands } from './drift-scenarios.js';
import { refusals } from './rejections.js';

const groups = [changes, hands, alarms, refusals];
const all = groups.flatMap(({ scenarios }) => scenarios.map((scenario) => scenario.it));

describe('a rollout in trouble, on a real Temporal server and emulated AWS,', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  const drawn = sampleFaults(all, 12, 'troubles');
  playGroups(
    'troubles',
    groups.map(({ about, scenarios }) => ({
      about,
      scenarios: scenarios.filter((each) => drawn.has(each.it)),
    })),
    { stuck: 45, spread: 0 },
  );
});
