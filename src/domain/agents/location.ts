/** A point on the Earth, in degrees: latitude from -90 to 90, longitude from -180 to 180. */
export interface Location {
  readonly latitude: number;
  readonly longitude: number;
}

/** Where a task would best be done. Either may be missing. */
export interface Place {
  readonly region: string | null;
  readonly location: Location | null;
}

const RADIANS = Math.PI / 180;

/**
 * How far apart two points are along the surface, as the haversine of the angle between
 * them: 0 for the same point, 1 for opposite ones. It rises with the distance, which is
 * 2 · 6,371 km · asin √h, and costs less.
 */
export function haversine(a: Location, b: Location): number {
  const north = Math.sin(((b.latitude - a.latitude) * RADIANS) / 2);
  const east = Math.sin(((b.longitude - a.longitude) * RADIANS) / 2);
  return north * north + Math.cos(a.latitude * RADIANS) * Math.cos(b.latitude * RADIANS) * east * east;
}
