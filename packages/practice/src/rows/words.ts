import { integer, pick, type Random } from "./random.ts";

const LATIN =
  `ab accusamus ad alias aliquam aliquid amet animi aperiam architecto arbor aspectus at atque aut autem beatae
blanditiis caelum campus carmen causa certus commodi consectetur consilium corpus culpa cum cupio debitis delectus deserunt
dicta digitus dolor dolores ducere ea earum eius eligendi enim error esse est et eum eveniet ex excepturi exercitus expedita
explicabo facere facilis fluvius forma fortis fuga fugiat harum hic hora id illo impedit in incidunt insula ipsa ipsam iter itaque
iure iusto labor laudantium liber libero lumen magnam magni maiores manus mare maxime memoria minima mens modi mollitia mons nam
natus nemo nihil nisi nobis non nostrum nubes nulla numerus odio odit officia omnis optio ordo pars pariatur pax perferendis placeat
pons porro porta possimus quae quaerat quam quas qui quia quis quo quod ratio recusandae rerum ripa saepe sapientia sed semita
sequi silva similique sint sit sol soluta stella sunt suscipit tempora tempus tenetur terra totam ut vel velit veniam ventus verbum
veritas vero via vita voluptas voluptate vox`.split(/\s+/);

/** `low` to `high` words, joined by spaces. */
export function phrase(random: Random, low: number, high: number): string {
  let text = pick(random, LATIN);
  for (let left = integer(random, low, high); left > 1; left--) text += ` ${pick(random, LATIN)}`;
  return text;
}

/** Four lines of words, as the bodies of the original's rows are. */
export function paragraph(random: Random): string {
  return [phrase(random, 4, 9), phrase(random, 4, 9), phrase(random, 4, 9), phrase(random, 4, 9)].join("\n");
}

/** Given names of users. */
export const GIVEN: readonly string[] =
  `Amaru Beatriz Camila Daniel Elena Farid Gloria Hugo Ines Joaquin Katya Lucas Malena Nayra Olga
Pilar Qori Rafael Sayen Tomas Ursula Violeta Wayra Ximena Yara Zoe`.split(/\s+/);

/** Family names of users. */
export const FAMILY: readonly string[] =
  `Achachi Bravo Condori Duarte Espejo Flores Guaman Huanca Illanes Jara Kusi Luna Mamani Nina Ortega
Paredes Quispe Rojas Sumire Ticona Urbina Vargas Waman Yupanqui Zapata`.split(/\s+/);

/** Cities of users; none of them is real. */
export const CITIES: readonly string[] =
  `Alta Vista|Bahia Honda|Campo Quieto|Dos Puentes|El Mirador|Fuente Clara|Granja Sur|Hoyo Verde|Isla
Larga|Laguna Seca|Monte Frio|Nueva Ribera|Ojo de Agua|Piedra Blanca|Rio Manso|San Telmo Alto|Tres Cruces|Valle Hondo`
    .replaceAll("\n", " ")
    .split("|");

/** Kinds of street. */
export const STREETS: readonly string[] = "Camino Calle Pasaje Avenida Senda Ronda Cuesta Paseo".split(" ");

/** First, middle and last words of what a company says of itself. */
export const CATCH: readonly (readonly string[])[] = [
  "Quiet Shared Upright Patient Measured Portable Seasoned Plain Steady Woven".split(" "),
  "high-road low-water long-haul night-time first-rate open-door hand-made two-way".split(" "),
  "relay archive harbour workshop ledger granary beacon caravan".split(" "),
];

/** Verbs, adjectives and nouns of what a company does. */
export const BUSINESS: readonly (readonly string[])[] = [
  "carry count weave repair measure translate deliver sort".split(" "),
  "distant daily seasonal fragile numbered local heavy urgent".split(" "),
  "letters maps harvests instruments records parcels routes tools".split(" "),
];
