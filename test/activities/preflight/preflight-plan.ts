import type { Plan } from '../../../src/plan/compiled/plan.js';

export const rolloutId = 'digits-1a2b3c4d';

export function preflightPlan(changes: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    rolloutId,
    endpoint: 'digits',
    strategy: 'canary',
    topology: 'variants',
    models: { baseline: { kind: 'live' }, candidate: { kind: 'model', modelName: 'digits-v2' } },
    registration: null,
    writeBack: null,
    serve: { instanceType: null, count: null, metricPeriodSeconds: 60, capacity: 'full' },
    validation: null,
    steps: [],
    guardrails: [{ kind: 'alarm', id: 'alarm-digits-5xx', alarmName: 'digits-5xx' }],
    goals: [],
    onInconclusive: 'hold',
    onBlocked: { kind: 'hold' },
    drift: 'hold',
    rollbackWindow: null,
    freeze: [],
    notify: [],
    tags: {},
    limits: { deploySeconds: 3600, shiftSeconds: 600, rollbackSeconds: 3600, holdSeconds: 3600 },
    ...changes,
  };
}
