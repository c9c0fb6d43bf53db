/** The two models of a rollout, and how the traffic is divided between them. */

/** Which of the two models. The baseline serves now; the candidate wants to. */
export type Role = 'baseline' | 'candidate';

/** Traffic shares in percent; they sum to 100. */
export type Weights = Record<Role, number>;
