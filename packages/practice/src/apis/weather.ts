import { json } from "../answer/answer.ts";
import { amount } from "../faults/count.ts";
import { query, type Route } from "../route.ts";
import { dayAfter } from "./made.ts";

/** A forecast as Open-Meteo has it: a list for each variable, beside the list of its times. */

const UNITS: Readonly<Record<string, string>> = {
  temperature_2m: "°C",
  relative_humidity_2m: "%",
  wind_speed_10m: "km/h",
};
/** What each variable is at the middle of the day, and how far it goes. */
const CURVES: Readonly<Record<string, readonly [middle: number, swing: number]>> = {
  temperature_2m: [12, 6],
  relative_humidity_2m: [60, 25],
  wind_speed_10m: [14, 9],
};

export const weather: readonly Route[] = [
  {
    methods: ["GET"],
    path: "/apis/weather/v1/forecast",
    topic: "Look-alikes: weather",
    summary: "The weather at a place, by the hour",
    params: [
      query("latitude", "degrees, -90 to 90"),
      query("longitude", "degrees, -180 to 180"),
      query("hourly", `${Object.keys(UNITS).join(", ")}, by commas (temperature_2m)`),
      query("forecast_days", "1 to 16 (1)"),
    ],
    handle: (ask) => {
      const refused = (reason: string) => json({ error: true, reason }, 400);
      const latitude = amount(ask, "latitude", Number.NaN, -90);
      const longitude = amount(ask, "longitude", Number.NaN, -180);
      if (!(latitude <= 90 && longitude <= 180))
        return refused("Latitude must be in range of -90 to 90, and longitude of -180 to 180°.");
      const names = (ask.req.query("hourly") ?? "temperature_2m").split(",");
      const unknown = names.find((name) => !Object.hasOwn(UNITS, name));
      if (unknown !== undefined) return refused(`Cannot initialize HourlyVariable from '${unknown}'.`);
      const days = Math.min(Math.trunc(amount(ask, "forecast_days", 1, 1)), 16);
      const hours = Array.from({ length: days * 24 }, (_, hour) => hour);
      const time = hours.map(
        (hour) => `${dayAfter("2026-06-01", Math.floor(hour / 24))}T${String(hour % 24).padStart(2, "0")}:00`,
      );
      const curve = (name: string): number[] => {
        const [middle, swing] = CURVES[name] ?? [0, 0];
        return hours.map((hour) => {
          const turn = Math.sin(((hour % 24) / 12 - 0.75) * Math.PI);
          return Math.round((middle + swing * turn - Math.abs(latitude) / 10) * 10) / 10;
        });
      };
      return json({
        ...{ latitude, longitude, elevation: 30, utc_offset_seconds: 0, timezone: "GMT" },
        hourly_units: { time: "iso8601", ...Object.fromEntries(names.map((name) => [name, UNITS[name]])) },
        hourly: { time, ...Object.fromEntries(names.map((name) => [name, curve(name)])) },
      });
    },
  },
];
