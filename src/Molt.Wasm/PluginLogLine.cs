namespace Molt.Wasm;

/// <summary>A line a plugin wrote to the console.</summary>
/// <param name="Plugin">The plugin's name.</param>
/// <param name="Level">0 debug, 1 log, 2 info, 3 warn, 4 error.</param>
/// <param name="Text">What it wrote.</param>
public readonly record struct PluginLogLine(string Plugin, int Level, string Text);
