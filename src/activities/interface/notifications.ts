/** Data that activities send to people and to their systems. */
import type { ReceiverAddress, NotificationEvent } from '../../plan/compiled/notifications.js';
import type { Weights } from '../../plan/compiled/names.js';

/** The question to a gate's webhook. `id` is the same in every attempt. */
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

/** `id` is unique to the notification and the same in every attempt. */
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
