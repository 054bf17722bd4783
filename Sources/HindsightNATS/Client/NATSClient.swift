#if NATS
    public import NIOCore
    import NIOPosix
    import NIOSSL
#endif
