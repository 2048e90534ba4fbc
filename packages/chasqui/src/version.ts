/** The version of this package, as servers, spans and archives are told it. `test/version.test.ts` holds it to package.json. */
export const VERSION = "0.1.0";
