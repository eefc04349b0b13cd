import { defineConfig } from "vite";

// Airflow's page shares its own React as globals; a second copy would break every hook.
const shared = {
  react: "React",
  "react-dom": "ReactDOM",
  "react/jsx-runtime": "ReactJSXRuntime",
};

export default defineConfig({
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    target: "es2022",
    lib: {
      entry: "src/main.tsx",
      formats: ["umd"],
      name: "AirflowPlugin",
      fileName: () => "airworthy.js",
    },
    rolldownOptions: {
      external: Object.keys(shared),
      output: { globals: shared, exports: "default" },
    },
  },
});
