import type { Traffic } from './interface/traffic.js';
import { createEndpointsRouter } from './traffic-endpoints.js';
import type { RouterDeps, TrafficRouter } from './traffic-router.js';
import { createVariantsRouter } from './traffic-variants.js';

export function createRouter(deps: RouterDeps, traffic: Traffic): TrafficRouter {
  switch (traffic.topology) {
    case 'variants':
      return createVariantsRouter(deps.sagemaker, traffic);
    case 'endpoints':
      return createEndpointsRouter(deps, traffic);
  }
}
