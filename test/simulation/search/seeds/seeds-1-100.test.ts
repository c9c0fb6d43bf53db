import { judgeSeeds } from './judge-seeds.js';

judgeSeeds(1, 100);
