// A program that chooses where its logs, metrics and traces go, before it creates anything that has some.
// Documentation shows parts of this file word for word; DocumentationTests compares them.

import Logging
import Metrics

#if Tracing
    import Tracing

    func bootstrap(_ metrics: any MetricsFactory, _ tracer: any Tracer) {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        MetricsSystem.bootstrap(metrics)  // Prometheus, StatsD, OpenTelemetry …
        InstrumentationSystem.bootstrap(tracer)  // with the trait `Tracing`
    }

    bootstrap(NOOPMetricsHandler.instance, NoOpTracer())
#endif
