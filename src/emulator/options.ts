import type { PartialPublication } from './cloudwatch/metrics/store.js';
import type { SageMakerOptions } from './sagemaker/settings.js';
import type { Behaviour } from './traffic/behaviours.js';
import type { TrafficSetting } from './traffic/traffic.js';
import type { Clock } from './account/clock.js';
import type { CustomPace, PaceName } from './account/durations.js';
import type { Fault } from './account/faults.js';

export interface EmulatorOptions {
  /** Default: any free port. */
  port?: number;
  /** Only 127.0.0.1 is accepted. */
  host?: string;
  /** Durations. Default: `fast`. Single durations, in seconds, override those of `fast`. */
  pace?: PaceName | CustomPace;
  /** Delay from the end of a period until its metrics are visible. Default: 2,000 for `fast`, 20,000 for `real`. */
  lateMs?: number;
  /** Readers first get this share of the newest period of a service's metric, and the rest later. */
  partialMetrics?: PartialPublication;
  clock?: Clock;
  seed?: number;
  account?: string;
  region?: string;
  /** Throttles calls beyond the regional quotas, like the services. */
  enforceQuotas?: boolean;
  /** Calls per second, by operation, that differ from the defaults. */
  quotas?: Record<string, number>;
  faults?: Fault[];
  /** Instance limits, capacity, stale reads, autoscaling. */
  sageMaker?: SageMakerOptions;
  /** Actions that callers are not allowed, such as `sagemaker:CreateEndpoint`. The policy simulator knows them too. */
  deniedActions?: readonly string[];
  behaviours?: Behaviour[];
  traffic?: TrafficSetting[];
  /** Folder of the programs of `local/NAME` images. Default: the examples of the package. */
  programs?: string;
  /** Folder of artefacts. Default: `STATEFILE.data`, or a temporary folder that is removed at the end. */
  dataDir?: string;
  /**
   * The emulator restores the account from this file and saves it there. Behaviours and traffic of the options take
   * precedence over those in the file. If the file exists, faults of the options are ignored, because the faults in
   * the file may have fired already. Artefacts are in a folder of the same name and `.data`.
   */
  stateFile?: string;
  /** Time between two saves of a changed state. Default: 10. */
  stateEverySeconds?: number;
}
