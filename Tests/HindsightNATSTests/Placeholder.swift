#if NATS
    import NIOCore
#endif
