/** The difference between an endpoint after its rollouts and infrastructure code that describes it. Pure. */
import type { RolloutRecord } from '../../client.js';
import { isMade } from '../../plan/compiled/model-plan.js';
import { resourceNamesOf } from '../../plan/compiled/names.js';
import { variantNamesOf } from '../../plan/compiled/variant-names.js';

/** `before` null: the rollout has made the endpoint. */
export interface CodeChange {
  what: 'endpoint config' | 'variant' | 'model' | 'instances' | 'scalable target';
  before: string | null;
  after: string;
}

export interface OwnedObject {
  name: string;
  /** The side that creates and deletes the object. */
  owner: 'code' | 'penstock';
  note: string;
}

export interface CodeChanges {
  endpoint: string;
  rolloutId: string;
  promotedAt: string;
  /** Only what differs. */
  changes: CodeChange[];
  owners: OwnedObject[];
}

/** Null: the record does not have the plan and the result of a promotion. */
export function codeChangesOf({ plan, starting, result }: RolloutRecord): CodeChanges | null {
  if (plan === null || starting === null || result?.outcome !== 'promoted') return null;
  const { endpoint, rolloutId } = plan;
  const live = starting.kind === 'live' ? starting : null;
  const variants = variantNamesOf(plan, live?.variantName ?? null);
  const names = resourceNamesOf(rolloutId);
  const isBaselineKept = result.leftovers.includes(`variant ${variants.baseline} of endpoint ${endpoint}`);
  const serving = isBaselineKept ? variants.candidate : variants.promoted;
  const config = isBaselineKept ? names.sideBySideConfig : names.singleConfig.candidate;
  const targetOf = (variant: string) => `endpoint/${endpoint}/variant/${variant}`;
  const isScaled = live !== null && live.scaling !== null;
  const type = plan.serve.instanceType ?? live?.instanceType ?? '';
  const count = plan.serve.count ?? live?.count ?? 0;
  const changes: CodeChange[] = [
    { what: 'endpoint config', before: live?.configName ?? null, after: config },
    { what: 'variant', before: live?.variantName ?? null, after: serving },
    { what: 'model', before: live?.modelName ?? null, after: result.serving ?? '' },
    {
      what: 'instances',
      before: live === null ? null : instancesText(live.count, live.instanceType, isScaled),
      after: instancesText(count, type, isScaled),
    },
    ...(isScaled
      ? [
          {
            ...{ what: 'scalable target' as const, before: targetOf(live.variantName) },
            after: targetOf(serving),
          },
        ]
      : []),
  ];
  return {
    ...{ endpoint, rolloutId, promotedAt: result.endedAt },
    changes: changes.filter(({ before, after }) => after !== '' && before !== after),
    owners: [
      {
        name: `endpoint ${endpoint}`,
        owner: live === null ? 'penstock' : 'code',
        note: live === null ? 'the rollout made it; import it to describe it' : 'rollouts never delete it',
      },
      { name: `endpoint config ${config}`, owner: 'penstock', note: 'the next promotion deletes it' },
      ...result.unused.map((name): OwnedObject => ({
        name,
        owner: 'code',
        note: 'the endpoint no longer uses it; keep it while your code names it',
      })),
      ...(result.serving === null
        ? []
        : [
            {
              name: `model ${result.serving}`,
              ...(isMade(plan.models.candidate)
                ? { owner: 'penstock' as const, note: 'rollouts never delete models' }
                : { owner: 'code' as const, note: 'the spec names it; keep it while it serves' }),
            },
          ]),
      ...(isScaled
        ? [
            {
              name: `scalable target ${targetOf(serving)}`,
              ...(serving === live.variantName
                ? { owner: 'code' as const, note: 'its variant keeps its name' }
                : {
                    owner: 'penstock' as const,
                    note: 'it has the policies and schedules of the one before',
                  }),
            },
          ]
        : []),
    ],
  };
}

/** Autoscaling decides the count. */
function instancesText(count: number, type: string, isScaled: boolean): string {
  return isScaled ? type : `${count} × ${type}`;
}
