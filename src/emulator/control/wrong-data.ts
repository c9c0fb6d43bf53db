import type { WrongData } from '../account/faults.js';

type Members = Record<string, unknown>;

const statusMembers = ['EndpointStatus', 'TrainingJobStatus', 'SecondaryStatus', 'FailureReason'];
const metricResults = 'MetricDataResults';

/** Returns the wrong response, or the true one if it has nothing to change. `earlier`: see PreviousResponses. */
export function applyWrongData(kind: WrongData, output: object, earlier: object | null): object {
  const before = (earlier ?? output) as Members;
  const now = output as Members;
  switch (kind) {
    case 'stale':
      return before;
    case 'staleStatus':
      return { ...now, ...Object.fromEntries(statusMembers.map((name) => [name, before[name]])) };
    case 'oldWeights':
      return { ...now, ...withOldWeights(now, before) };
    case 'missingVariant':
      return { ...now, ...changed(now, 'ProductionVariants', (variants) => variants.slice(0, -1)) };
    case 'emptyResults':
      return emptied(now);
    case 'partialResults':
      return { ...now, ...changed(now, metricResults, (results) => results.map(halved)) };
    case 'nan':
      return { ...now, ...changed(now, metricResults, (results) => results.map(unreadable)) };
  }
}

function changed(output: Members, name: string, change: (list: Members[]) => Members[]): Members {
  const list = output[name];
  return Array.isArray(list) ? { [name]: change(list as Members[]) } : {};
}

function withOldWeights(now: Members, before: Members): Members {
  const old = new Map(
    ((before['ProductionVariants'] ?? []) as Members[]).map((each) => [
      each['VariantName'],
      each['CurrentWeight'],
    ]),
  );
  return changed(now, 'ProductionVariants', (variants) =>
    variants.map((each) => ({
      ...each,
      CurrentWeight: old.get(each['VariantName']) ?? each['CurrentWeight'],
    })),
  );
}

/** Metric queries keep their results, without data. In all other responses, the lists are empty. */
function emptied(output: Members): Members {
  if (metricResults in output) {
    return {
      ...output,
      ...changed(output, metricResults, (all) =>
        all.map((each) => ({ ...each, Timestamps: [], Values: [] })),
      ),
    };
  }
  return Object.fromEntries(
    Object.entries(output).map(([name, value]) => [name, Array.isArray(value) ? [] : value]),
  );
}

function halved(result: Members): Members {
  const half = <T>(list: unknown) => (list as T[]).slice(0, Math.floor((list as T[]).length / 2));
  return {
    ...result,
    Timestamps: half(result['Timestamps'] ?? []),
    Values: half(result['Values'] ?? []),
    StatusCode: 'PartialData',
  };
}

function unreadable(result: Members): Members {
  return { ...result, Values: ((result['Values'] ?? []) as number[]).map(() => NaN) };
}
