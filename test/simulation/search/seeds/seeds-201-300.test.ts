import { judgeSeeds } from './judge-seeds.js';

judgeSeeds(201, 300);
