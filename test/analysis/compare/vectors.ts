/** Data with published results. */

/**
 * Permeability of the human chorioamnion at term and at 12 to 26 weeks (Hollander and Wolfe 1973, table 4.1; the
 * example of R's wilcox.test and of coin's wilcox_test).
 */
export const PERMEABILITY = {
  candidate: [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
  base: [1.15, 0.88, 0.9, 0.74, 1.21],
};

/** Ozone in May and in August, of R's data set airquality: many ties. */
export const OZONE = {
  candidate: [
    41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37,
  ],
  base: [
    39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85,
  ],
};

/** Age at the diagnosis of diabetes (the example of scipy.stats.mannwhitneyu). */
export const AGES = { candidate: [19, 22, 16, 29, 24], base: [20, 11, 17, 12] };
