import type { ArmTraffic } from '../interface/traffic.js';
import { createEndpointsRouter } from './endpoints-router.js';
import type { RouterDeps, TrafficRouter } from './router.js';
import { createVariantsRouter } from './variants-router.js';

export function createRouter(deps: RouterDeps, traffic: ArmTraffic): TrafficRouter {
  switch (traffic.topology) {
    case 'variants':
      return createVariantsRouter(deps.sagemaker, traffic);
    case 'endpoints':
      return createEndpointsRouter(deps, traffic);
  }
}
