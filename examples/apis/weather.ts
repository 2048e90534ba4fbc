import { Client } from "chasqui";

interface Forecast {
  readonly hourly_units: { readonly temperature_2m: string };
  readonly hourly: { readonly time: readonly string[]; readonly temperature_2m: readonly number[] };
}

class Weather extends Client {
  constructor(baseUrl: string) {
    super({ baseUrl, timeout: "10s" });
  }

  /** The temperatures of a day at a place, by the hour: the API has a list of times and, beside it, one of each variable. */
  async temperatures(
    latitude: number,
    longitude: number,
  ): Promise<readonly [time: string, degrees: number][]> {
    const params = { latitude, longitude, hourly: ["temperature_2m"], forecast_days: 1 };
    const { hourly } = await this.get("/forecast", { params, paramsStyle: "comma" }).json<Forecast>();
    return hourly.time.map((time, hour) => [time, hourly.temperature_2m[hour] ?? Number.NaN]);
  }
}

await using weather = new Weather(process.env.WEATHER_URL ?? "http://127.0.0.1:4010/apis/weather/v1");
const day = await weather.temperatures(-13.52, -71.97);
const [time, degrees] = day.reduce((warmest, hour) => (hour[1] > warmest[1] ? hour : warmest));
console.log(`${day.length} hours; the warmest is ${time} with ${degrees} °C`);
