/** What SageMaker allows as the name of an endpoint, and of a variant. */
export const endpointPattern = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
