// What an app with a command line needs, in one import.
@_exported public import Hindsight
