/** An error in an expression. The caller adds the name of the expression. */
export class MathError extends Error {}
