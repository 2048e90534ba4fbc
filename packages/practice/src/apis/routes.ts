import type { Route } from "../route.ts";
import { github } from "./github.ts";
import { google } from "./google.ts";
import { notion } from "./notion.ts";
import { odata } from "./odata.ts";
import { rates } from "./rates.ts";
import { shop } from "./shop.ts";
import { shopify } from "./shopify.ts";
import { slack } from "./slack.ts";
import { stripe } from "./stripe.ts";
import { weather } from "./weather.ts";

/** The look-alikes: the shapes that known APIs document, over rows of our own. */
export const apiRoutes: readonly Route[] = [
  ...github,
  ...slack,
  ...stripe,
  ...shopify,
  ...notion,
  ...google,
  ...odata,
  ...shop,
  ...weather,
  ...rates,
];
