/**
 * Hooks of the switch. `before` gets each request to the model, and `after` gets each response of the model. Both are
 * optional and may be async. The returned body and content type replace those of the request or response. If a hook
 * returns nothing, both stay unchanged.
 */

/** Drops a field that the model must not get, and adds one that the client does not have. */
export function before({ body, contentType }) {
  if (contentType !== 'application/json') return;
  const { email, ...features } = JSON.parse(body.toString('utf8'));
  return { body: JSON.stringify({ ...features, hour: new Date().getUTCHours() }) };
}

/** Logs failed responses, and leaves them unchanged. */
export function after({ endpoint, role, status, inferenceId }) {
  if (status >= 400) console.error(JSON.stringify({ endpoint, role, status, inferenceId }));
}
