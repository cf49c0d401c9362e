/** Nest on Express without anything else: a route that returns a constant. */
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

@Controller()
class StatusController {
  @Get()
  getStatus(): object {
    return { status: 'healthy', message: 'API is running' };
  }
}

@Module({ controllers: [StatusController] })
class BareModule {}

async function serve(): Promise<void> {
  const app = await NestFactory.create(BareModule);
  await app.listen(Number(process.env['PORT']), '127.0.0.1');
}

void serve();
