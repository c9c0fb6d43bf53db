import type { AccountState } from './account-state.js';

/**
 * The account in every region. Regions share nothing but the emulator's settings, its clock, its programs and its log of
 * calls. The settings' scenario, faults and limits apply only to the home region: any other one begins empty, with its
 * first call.
 */
export class Regions {
  private readonly others = new Map<string, AccountState>();

  constructor(
    readonly home: AccountState,
    private readonly open: (region: string) => AccountState,
  ) {}

  /** Null: the home region. */
  of(region: string | null): AccountState {
    if (region === null || region === this.home.options.region) return this.home;
    const known = this.others.get(region) ?? this.open(region);
    this.others.set(region, known);
    return known;
  }

  get all(): AccountState[] {
    return [this.home, ...this.others.values()];
  }

  /** Increases with every change in any region. */
  get changes(): number {
    return this.all.reduce((sum, { changes }) => sum + changes, 0);
  }

  /** Runs everything that is due. */
  async advance(): Promise<void> {
    for (const account of this.all) await account.advanceBy();
  }

  /** After this, a program that ends later no longer changes any account. */
  close(): void {
    for (const account of this.all) account.close();
  }
}
