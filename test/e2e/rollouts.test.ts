import { runGroups } from './run-groups.js';
import { beforeTraffic } from './scenarios/before-traffic.js';
import { guardrails } from './scenarios/guardrails.js';
import { missingData } from './scenarios/missing-data.js';
import { operators } from './scenarios/operators.js';
import { promotions } from './scenarios/promotions.js';
import { stickyUsers } from './scenarios/sticky-users.js';
import { strategies } from './scenarios/strategies.js';
import { unreliableAws } from './scenarios/unreliable-aws.js';

const groups = [
  promotions,
  strategies,
  stickyUsers,
  guardrails,
  missingData,
  unreliableAws,
  beforeTraffic,
  operators,
];

describe('rollouts on a real Temporal server and emulated AWS', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  runGroups('all', groups);
});
