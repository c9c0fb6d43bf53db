import type { PartialPublication } from './cloudwatch/metrics/store.js';
import type { SageMakerOptions } from './sagemaker/settings.js';
import type { Behaviour } from './traffic/behaviours.js';
import type { TrafficSetting } from './traffic/traffic.js';
import type { Clock } from './account/clock.js';
import type { CustomPace, PaceName } from './account/durations.js';
import type { Fault } from './account/faults.js';

export interface EmulatorOptions {
  /** Any free one unless given. */
  port?: number;
  /** 127.0.0.1 is the only one it accepts. */
  host?: string;
  /** How long things take; `fast` unless given. Single durations, in seconds, override those of `fast`. */
  pace?: PaceName | CustomPace;
  /** How long after a period's end its metrics become visible; 2,000 at the fast pace, 20,000 at the real one. */
  lateMs?: number;
  /** The newest period of a service's metric is seen with this share of its data first, the rest later. */
  partialMetrics?: PartialPublication;
  clock?: Clock;
  seed?: number;
  account?: string;
  region?: string;
  /** Refuses calls beyond the regional quotas, as the services do. */
  enforceQuotas?: boolean;
  /** Calls a second, by operation, where they differ from the defaults. */
  quotas?: Record<string, number>;
  faults?: Fault[];
  /** Instance limits, capacity, stale reads, autoscaling. */
  sageMaker?: SageMakerOptions;
  behaviours?: Behaviour[];
  traffic?: TrafficSetting[];
  /** Folder of the programs behind `local/NAME` images; the package's examples unless given. */
  programs?: string;
  /** Keeps artefacts; a temporary folder, removed at the end, unless this or `stateFile` is given. */
  dataDir?: string;
  /**
   * Keeps the account, and is where it begins: behaviours and traffic given here go before those in it, and faults given
   * here are left alone, for its own may have struck already. Artefacts go to a folder of the same name and `.data`.
   */
  stateFile?: string;
  /** How often the state is saved where something has happened; 10 unless given. */
  stateEverySeconds?: number;
}
