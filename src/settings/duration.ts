/** For the command line, which sees the settings and not the domain. */
export { DURATION_SYNTAX, formatDuration, parseDuration } from '../domain/duration.js';
