/** What is sent to people and to their systems. */
import type { ReceiverAddress, NotificationEvent } from '../../plan/compiled/notifications.js';
import type { Weights } from '../../plan/compiled/names.js';

/** What a gate's webhook is asked; `id` is the same for every try. */
export interface GateQuestion {
  id: string;
  gate: string;
  address: ReceiverAddress;
  secretEnv: string | null;
  everySeconds: number;
  rolloutId: string;
  endpoint: string;
  stage: number;
  weights: Weights | null;
}

/** `id` is unique to the notice and the same for every try. */
export interface Notification {
  id: string;
  event: NotificationEvent;
  at: string;
  rolloutId: string | null;
  workflowId: string;
  endpoint: string;
  strategy: string | null;
  message: string;
}
