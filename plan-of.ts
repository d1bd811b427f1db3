import { resolve } from '../../domain/workflows/resolve.js';
