// Configurator
