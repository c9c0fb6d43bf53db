/** Simulated requests a second to an endpoint; they are split among its variants by their weights. */
export interface TrafficSetting {
  endpoint: string;
  requestsPerSecond: number;
}

export class Traffic {
  private readonly rates = new Map<string, number>();

  constructor(settings: TrafficSetting[]) {
    for (const setting of settings) this.set(setting);
  }

  set({ endpoint, requestsPerSecond }: TrafficSetting): void {
    this.rates.set(endpoint.toLowerCase(), requestsPerSecond);
  }

  of(endpoint: string): number {
    return this.rates.get(endpoint.toLowerCase()) ?? 0;
  }
}
