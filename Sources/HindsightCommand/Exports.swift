// What an app with a command line needs, in one import.
@_exported public import Hindsight
@_exported public import HindsightEventCentre
