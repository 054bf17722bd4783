// What an app needs, in one import. Only HindsightCommand exports another module, this one.
@_exported public import HindsightJSON
@_exported public import HindsightLog
@_exported public import HindsightMigrations
@_exported public import HindsightPostgres
@_exported public import HindsightPostgresLog
@_exported public import HindsightProjections
@_exported public import HindsightSchema
@_exported public import HindsightValues

#if Macros
    @_exported public import HindsightMacros
#endif
