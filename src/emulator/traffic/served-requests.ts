/** The simulated requests of every model and the time of its instances, for reports. They are not in the state file. */

export interface ServedModel {
  model: string;
  /** Requests whose callers got the response of this model, and how many of them failed. */
  requests: number;
  failed: number;
  /** Copies of requests, as a shadow variant gets them. Callers did not get their responses. */
  copies: number;
  failedCopies: number;
  /** Time of the first request or copy, in milliseconds since the epoch. Null: none yet. */
  firstAt: number | null;
  /** Sum over all instances of the time in service. */
  instanceMs: number;
}

export class ServedRequests {
  private readonly models = new Map<string, ServedModel>();

  /** `since`: begin of the span in which the requests arrived, in milliseconds since the epoch. */
  count(model: string, counted: { requests: number; failed: number; isCopy: boolean; since: number }): void {
    const served = this.of(model);
    const { requests, failed, isCopy, since } = counted;
    if (requests > 0) served.firstAt ??= since;
    served[isCopy ? 'copies' : 'requests'] += requests;
    served[isCopy ? 'failedCopies' : 'failed'] += failed;
  }

  addInstanceTime(model: string, ms: number): void {
    this.of(model).instanceMs += ms;
  }

  /** Copies, in the order in which the models first ran. */
  list(): ServedModel[] {
    return [...this.models.values()].map((each) => ({ ...each }));
  }

  private of(model: string): ServedModel {
    const known = this.models.get(model);
    if (known) return known;
    const none = { requests: 0, failed: 0, copies: 0, failedCopies: 0, firstAt: null, instanceMs: 0 };
    const served: ServedModel = { model, ...none };
    this.models.set(model, served);
    return served;
  }
}
