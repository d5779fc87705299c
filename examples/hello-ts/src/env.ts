export interface Env {
  GREETING: string;
}
